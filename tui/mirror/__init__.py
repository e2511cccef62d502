"""A second face of a running session, in another terminal: read only, and without a network.

    session's process                                        mirror's process
    LiveLoop ─► MirrorWriter (a follower) ─► small file ─► MirrorReader ─► MirrorScreen or lines

`place` says where the file is, `slot` how it is written so that a half-written one is never believed, `snapshot` what
is in it, `writer` and `reader` are the two ends. Nothing goes from a mirror to a session.
"""
