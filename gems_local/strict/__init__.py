"""Where moto is kinder than AWS: rules around it that throttle, limit, delay and run out, as AWS does (ADR 12).

``throttling``, ``limits``, ``capacity`` and ``consistency`` each hold the rule itself, free of any protocol, so that a
cloud in memory can keep it too; ``stand_in`` puts them around moto as WSGI middleware.
"""
