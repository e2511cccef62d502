"""Practice, without a screen: what a trainee does next, one attempt on a real or simulated sensor, its sound, its words.

studio    record, drills, sensor and curriculum together     run       one attempt, in a thread of its own
opening   how a command gets a studio                        clients   the simulated client of a release or a threshold
tone      what is heard of an attempt                        hands     simulated hands that follow or read a script
plain     an attempt as lines of text                        words     drills, records and progress for people
treating  drills beside presses in treatment
"""
