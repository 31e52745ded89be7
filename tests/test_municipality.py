import pytest

from dxlib.errors import MunicipalityError
from dxlib.municipality import check_code


@pytest.mark.parametrize("code", ["242161", "242039", "102041", "222259", "011002", "131016"])
def test_published_codes_have_the_computed_check_digit(code: str) -> None:
    assert check_code(code) == code


@pytest.mark.parametrize(
    ("code", "says"), [("242160", "is it 242161"), ("24216", "it is 242161"), ("２４２１６１", "six digits"), ("", "six digits")]
)
def test_a_wrong_code_says_what_it_should_be(code: str, says: str) -> None:
    with pytest.raises(MunicipalityError, match=says):
        check_code(code)
