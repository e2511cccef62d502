"""Practice without a screen: what is next, one attempt on a real or simulated sensor, its sound, its words.

studio   record, drills, sensor and curriculum together    opening   how a command gets one
run      one attempt, in a thread of its own               keeping   what is kept of it   drawn   its target as a line
shelf    the drills with their files                       clients   the simulated client of a release or a threshold
watchers who is shown an attempt                           tone      what is heard of it
hands    simulated hands: one follows, one has a script    words     drills, records and progress for people
plain    an attempt as lines of text                       series    attempts one after the other
"""
