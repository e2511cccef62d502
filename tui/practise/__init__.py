"""Practice without a screen: what is next, one attempt on a real or simulated sensor, its sound, its words.

studio    record, drills, sensor and curriculum together     run       one attempt, in a thread of its own
opening   how a command gets a studio                        shelf     the drills with their files
clients   the simulated client of a release or a threshold   hands     simulated hands: one follows, one has a script
tone      what is heard of an attempt                        plain     an attempt as lines of text
words     drills, records and progress for people            treating  drills beside presses in treatment
"""
