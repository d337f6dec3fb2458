"""Personal numbers are masked, public ones are not: generated in every usual spelling, within ordinary sentences."""

from __future__ import annotations

import random
import re
import time

import pytest

from bot.privacy import PLACEHOLDER, mask

RANDOM = random.Random(20261121)


def digits(count: int, first: str = "") -> str:
    made = first + "".join(RANDOM.choice("0123456789") for _ in range(count - len(first)))
    # Round numbers are amounts, not numbers of a person.
    return made[:-1] + RANDOM.choice("12346789")


def grouped(number: str, sizes: tuple[int, ...], separator: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(number[at : at + size])
        at += size
    return separator.join(parts)


def identity() -> str:
    province = RANDOM.choice(["001", "004", "019", "024", "031", "036", "038", "040", "045", "048", "052", "060", "066", "072", "075", "079", "082", "087", "091", "092", "096"])
    number = digits(12, province + RANDOM.choice("0123"))
    return RANDOM.choice([number, grouped(number, (3, 3, 3, 3), " "), grouped(number, (3, 3, 3, 3), "."), grouped(number, (3, 3, 3, 3), "-"), grouped(number, (4, 4, 4), " "), grouped(number, (3, 1, 2, 6), " ")])


def old_identity() -> str:
    number = digits(9, RANDOM.choice(["01", "02", "12", "17", "20", "27", "30", "34"]))
    return RANDOM.choice([number, grouped(number, (3, 3, 3), " "), grouped(number, (3, 3, 3), "."), grouped(number, (3, 3, 3), "-")])


def social_insurance() -> str:
    return digits(10, RANDOM.choice(["01", "79", "48", "31"]))


def health_insurance() -> str:
    letters, number = RANDOM.choice(["DN", "GD", "HS", "TE", "HN", "BT"]), digits(13, RANDOM.choice("12345"))
    return RANDOM.choice([letters + number, f"{letters} {number}", f"{letters} {grouped(number, (1, 2, 10), ' ')}", f"{letters.lower()}{number}"])


def tax() -> str:
    number = digits(10, "0")
    return RANDOM.choice([number, number + "-001", f"{number} - 012", grouped(number, (4, 3, 3), " ")])


def mobile() -> str:
    number = digits(10, "0" + RANDOM.choice(["32", "35", "39", "56", "70", "77", "81", "86", "90", "91", "93", "97", "98", "99"]))
    return RANDOM.choice(
        [
            number,
            grouped(number, (4, 3, 3), " "),
            grouped(number, (4, 3, 3), "."),
            grouped(number, (4, 3, 3), "-"),
            grouped(number, (4, 3, 3), " - "),
            grouped(number, (3, 3, 4), " "),
            grouped(number, (4, 2, 2, 2), "."),
            grouped(number, (2, 2, 2, 2, 2), "."),
            grouped(number, (4, 6), " "),
            " ".join(number),
            "+84" + number[1:],
            "+84 " + grouped(number[1:], (3, 3, 3), " "),
            "(+84) " + grouped(number[1:], (3, 3, 3), "."),
            "+84-" + grouped(number[1:], (2, 3, 4), "-"),
            "0084" + number[1:],
            "84" + number[1:],
            "o" + number[1:],
            number[:5] + "\u200b" + number[5:],
        ]
    )


def landline() -> str:
    area = RANDOM.choice(["024", "028", "0236", "0222", "0292", "0258"])
    number = digits(11, area)
    return RANDOM.choice([number, f"{area} {number[len(area) :]}", f"({area}) {number[len(area) :]}", f"{area}.{number[len(area) :]}", f"({area}) {number[len(area) : len(area) + 4]} {number[len(area) + 4 :]}"])


def plate() -> str:
    head = RANDOM.choice(["29", "30", "37", "43", "51", "59", "60", "75", "92", "99"])
    return RANDOM.choice(
        [
            f"{head}A-{digits(3)}.{digits(2)}",
            f"{head}A{digits(5)}",
            f"{head}H1-{digits(5)}",
            f"{head}-X1 {digits(3)}.{digits(2)}",
            f"{head}F-{digits(4)}",
            f"{head}LD-{digits(3)}.{digits(2)}",
            f"{head}h1 {digits(5)}",
            f"{head}-NG-{digits(3)}-{digits(2)}",
        ]
    )


def card() -> str:
    number = digits(16, RANDOM.choice(["9704", "4", "51"]))
    return RANDOM.choice([number, grouped(number, (4, 4, 4, 4), " "), grouped(number, (4, 4, 4, 4), "-"), digits(19, "9704")])


def email() -> str:
    return RANDOM.choice(["nguyenvana", "tran.thi.b", "le_c88", "hoa+giayto"]) + RANDOM.choice(["@gmail.com", "@yahoo.com.vn", "@xa-phuong.edu.vn", " @ gmail.com", "(at)gmail.com"])


def passport() -> str:
    return RANDOM.choice([digits(8, "B"), digits(8, "C"), digits(9, "P"), digits(8, "c")])


AROUND = ["{}", "số của em là {}", "em tên Hoa, {}, hỏi thủ tục làm lại giấy khai sinh", "Tra giúp tôi {} nhé", "cho hỏi ({}) làm được chưa ạ?", "sinh ngày 12/03/1990 số {}.", "so {} lam giay to gi", "năm 2025 {} cần gì"]
PERSONAL = [
    (kind.__name__, RANDOM.choice(AROUND).format(made), made)
    for kind in (identity, old_identity, social_insurance, health_insurance, tax, mobile, mobile, mobile, landline, plate, card, email, passport)
    for made in (kind() for _ in range(28))
]
PERSONAL += [
    ("one-time code", text.format(code), code)
    for text in ("mã OTP là {}", "otp {}", "OTP: {}", "ma xac thuc cua em la {}", "{} là mã OTP của em", "nhập mã xác nhận {} thì báo lỗi", "mã PIN {}")
    for code in (digits(6), digits(4, "7"))
]
PERSONAL += [
    ("password", text.format("Hoa@1990x"), "Hoa@1990x")
    for text in ("mật khẩu: {}", "mat khau vneid cua em la {}", "mật khẩu của tôi là {} mà không vào được", "pass = {}", "mk: {}", "mk la {}")
]
PERSONAL += [
    ("account", f"{lead} {number}", number)
    for lead in ("stk", "số tài khoản của em là", "so tai khoan vietcombank")
    for number in (digits(8, "1"), digits(13, "0"), digits(12, "6"))
]
PERSONAL += [
    ("announced", f"{lead} {number}", number)
    for lead in ("mã số bhxh", "sổ bảo hiểm số", "mã số thuế", "mst:", "CMND", "căn cước công dân số", "sđt", "zalo em")
    for number in (grouped(digits(10, "79"), (4, 2, 4), " "), grouped(digits(10, "31"), (2, 2, 6), "."))
]
WORDS = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]
PERSONAL += [("in words", f"gọi em số {said} ạ", said) for said in (" ".join(["không", "chín", *(RANDOM.choice(WORDS) for _ in range(8))]) for _ in range(8))]
PERSONAL += [("in words", "so em la khong chin mot hai ba bon nam sau bay tam", "khong chin mot hai ba bon nam sau bay tam")]


def public() -> list[tuple[str, str]]:
    numbered = RANDOM.randint
    made: list[tuple[str, str]] = []
    for _ in range(30):
        code = f"{numbered(1, 3)}.{numbered(0, 14999):06d}"
        made.append(("procedure code", RANDOM.choice([f"thủ tục {code} cần gì", code, f"mã {code}.", f"{code}.000.00.00.H{numbered(1, 63)}", f'/ask_fee{{"procedure":"{code}"}}', f"so sánh {code} và 2.000815"])))
    for _ in range(40):
        number = RANDOM.choice(
            [
                f"{numbered(1, 999)}/{numbered(2005, 2026)}/{RANDOM.choice(['NĐ-CP', 'TT-BTC', 'TT-BCA', 'QH14', 'UBTVQH15', 'NQ-HĐND', 'TTLT-BTC-BTP'])}",
                f"{numbered(1, 4000)}/{RANDOM.choice(['QĐ-TTg', 'QĐ-UBND', 'BTTTT-THH', 'QĐ-BTTTT', 'CT-TTg', 'TTr-BNV', 'KH-UBND'])}",
                f"{numbered(1, 99)}/{numbered(2010, 2026)}/nd-cp",
                f"Phiên {numbered(1, 9)}-{numbered(10, 28)}/02/2023",
                "KH-UBQG-2022",
            ]
        )
        made.append(("document", RANDOM.choice([f"theo {number} thì sao", number, f"Nghị định {number} còn hiệu lực không?", f"lệ phí theo {number}, điều {numbered(1, 60)} khoản 3"])))
    for _ in range(30):
        number = RANDOM.choice([f"H{numbered(10, 63)}.{numbered(1, 99)}-26{numbered(1, 12):02d}{numbered(1, 28):02d}-{numbered(1, 9999):04d}", f"000.00.{numbered(10, 30)}.H{numbered(10, 63)}-250715-{numbered(1, 9999):04d}", f"G{numbered(10, 30)}.99-260701-{numbered(1, 99999):05d}"])
        made.append(("dossier", RANDOM.choice([f"hồ sơ {number} xong chưa", number, f"tra cứu mã {number} giúp tôi"])))
    for _ in range(40):
        day, month, year = numbered(1, 28), numbered(1, 12), numbered(1950, 2026)
        made.append(("date", RANDOM.choice([f"sinh ngày {day}/{month}/{year}", f"từ {day:02d}.{month:02d}.{year} đến nay", f"{day:02d}-{month:02d}-{year}", f"{year}-{month:02d}-{day:02d}", f"ngày {day} tháng {month} năm {year}", f"{day}/{month}", f"năm {year} và {year + 1}", f"giai đoạn {year}-{year + 5}"])))
    for _ in range(40):
        thousands = numbered(1, 999)
        made.append(
            ("amount", RANDOM.choice([f"lệ phí {thousands}.000 đồng", f"{thousands}000đ", f"{thousands}k", f"{thousands}.000.000", f"vốn {thousands}.500.000.000 đồng", f"{thousands},000 VND", f"{thousands} triệu", f"mất {thousands}.000đ hay {thousands + 5}.000đ", f"nộp {thousands}000000 đồng", f"từ 30k-{thousands}000"]))
        )
    made += [
        ("hotline", text)
        for text in ("gọi 1900 1234 được không", "tổng đài 18001096", "hotline 1900.545.481", "gọi 113", "cứu hỏa 114", "tổng đài 1022", "đường dây 111")
    ]
    made += [
        ("words", text)
        for text in (
            "quên mật khẩu là phải làm sao",
            "mật khẩu vneid đặt thế nào",
            "mật khẩu là gì",
            "OTP không về 3 ngày nay",
            "otp có hiệu lực 5 phút",
            "mã xác nhận không gửi về năm 2025",
            "mk chưa đổi được",
            "điều 12 khoản 3 điểm 4 mục 5 phần 6",
            "mẫu số 05, 06, 07, 08, 09",
            "tờ khai CT01, CT02, DC02, NA17, TK1-TS",
            "bước 1 2 3 4 5 6",
            "nhiệm vụ 16 điểm 19 nền tảng 34",
            "con thứ 2, 4 tháng 12 ngày",
            "xe 125cc đăng ký năm 2019",
            "hạng B2 lên C1, bằng A1 175 cc",
            "3 bản sao 2 bản chính 1 ảnh 4x6",
            "nhà 2 tầng 120 m2 thửa 45 tờ bản đồ 12",
            "hai ba bốn năm nữa mới cưới",
            "một hai ba",
            "bên em ở khu 3 ấp 5 xã 12",
            "dân số 100 triệu người năm 2024",
            "vào https://dichvucong.gov.vn/p/home/dvc-chi-tiet-thu-tuc-hanh-chinh.html?ma_thu_tuc=1.004194",
            "làm trong 15 ngày hay 20 ngày làm việc",
            "0,1% giá trị hợp đồng",
            "khung giờ 7h30 - 11h30 và 13h30 - 17h00",
            "@motcua_bot cho hỏi",
        )
    ]
    return made


PUBLIC = public()


def leaked(secret: str, text: str) -> bool:
    """Whether a telling part of the secret (four characters in a row, of digits or as written) can still be read."""
    if secret in text:
        return True
    bare, kept = re.sub(r"\D", "", secret), re.sub(r"(?<=\d)[ .\-]{1,3}(?=\d)", "", text)
    return len(bare) >= 6 and any(bare[at : at + 6] in kept for at in range(len(bare) - 5))


def test_the_corpus_is_large_enough():
    assert len(PERSONAL) + len(PUBLIC) >= 500
    assert len(PERSONAL) >= 300 and len(PUBLIC) >= 200


@pytest.mark.parametrize("kind", sorted({kind for kind, _, _ in PERSONAL}))
def test_personal_numbers_are_masked(kind):
    missed = [(text, mask(text).text) for which, text, secret in PERSONAL if which == kind and (PLACEHOLDER not in mask(text).text or leaked(secret, mask(text).text))]
    assert not missed, missed[:10]


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in PUBLIC}))
def test_public_numbers_stay(kind):
    changed = [(text, mask(text).text) for which, text in PUBLIC if which == kind and mask(text).text != text]
    assert not changed, changed[:10]


def test_what_stands_around_a_number_stays():
    assert mask("em Hoa, sđt 0912 345 678, hỏi thủ tục 1.001193 theo 44/2023/TT-BTC, phí 50.000 đồng").text == (
        f"em Hoa, sđt {PLACEHOLDER}, hỏi thủ tục 1.001193 theo 44/2023/TT-BTC, phí 50.000 đồng"
    )
    found = mask("gửi a@b.vn và 079099012345").found
    assert found == ("email", "identity")


def test_masking_twice_changes_nothing():
    for _, text, _ in PERSONAL:
        once = mask(text).text
        assert mask(once).text == once


def test_decomposed_letters_and_unseen_characters_hide_nothing():
    import unicodedata

    assert "Hoa@1990x" not in mask(unicodedata.normalize("NFD", "mật khẩu là Hoa@1990x")).text
    assert mask("09\u200b12\ufeff345\u2060678").text == PLACEHOLDER


def test_it_is_fast():
    texts = [text for _, text, _ in PERSONAL] + [text for _, text in PUBLIC]
    spent = []
    for text in texts * 3:
        started = time.perf_counter()
        mask(text)
        spent.append(time.perf_counter() - started)
    assert sorted(spent)[int(0.95 * len(spent))] < 0.0005


@pytest.mark.parametrize("text", ["0" * 4000, "1 " * 2000, "a@" * 2000, "a." * 2000, "không " * 700, "mật khẩu " * 400, "0912.", "9-" * 2000, "A1" * 2000, "1.000" * 800, "(" * 4000, "+84 " * 1000])
def test_nothing_makes_it_slow(text):
    started = time.perf_counter()
    mask(text)
    assert time.perf_counter() - started < 0.25
