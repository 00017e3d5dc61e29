"""AWS Batch: jobs, array jobs and their tasks, which moto ends at submit; queues and definitions stay moto's.

A value's way: ``submissions`` (a request, judged), ``scheduler`` (states; with ``waiting``, ``machines``, ``retries``),
``shown`` and ``listing`` (what AWS tells of it), ``region`` (the operations), ``service`` (the rule around moto), ``pages``
(for people, tests and the agent). All but ``service`` and ``moto_batch`` are free of moto, so that a cloud in
memory can have them too.
"""
