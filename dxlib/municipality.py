"""Municipality codes (全国地方公共団体コード): six digits as text, the last a check digit."""

from __future__ import annotations

import re

from dxlib.errors import MunicipalityError

_WEIGHTS = (6, 5, 4, 3, 2)


def check_digit(five: str) -> str:
    """The check digit of a five-digit code.

    Formula: 総務省 全国地方公共団体コード仕様. With s = 6a+5b+4c+3d+2e it is 11 - (s mod 11), or
    11 - s where s < 11; of a two-digit result the last digit.

    >>> [check_digit(code) for code in ("01100", "13101", "20204", "47201")]
    ['2', '6', '5', '8']
    """
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, five, strict=True))
    return str(11 - (total if total < 11 else total % 11))[-1]


def check_code(code: str, where: str = "") -> str:
    """The code itself when it is six digits with the right check digit.

    Raises:
        MunicipalityError: it is malformed, or its check digit is wrong.

    >>> check_code("131016")
    '131016'
    """
    if not re.fullmatch(r"[0-9]{6}", code):
        hint = (
            f"with its check digit it is {code}{check_digit(code)}"
            if re.fullmatch(r"[0-9]{5}", code)
            else ("write all six digits as text, leading zero included")
        )
        raise MunicipalityError(f"'{code}' is no six-digit municipality code", code="municipality-code", where=where, hint=hint)
    expected = check_digit(code[:5])
    if code[5] != expected:
        raise MunicipalityError(
            f"the check digit of '{code}' is wrong: found {code[5]}, expected {expected}",
            code="municipality-check-digit",
            where=where,
            hint=f"is it {code[:5]}{expected}?",
        )
    return code
