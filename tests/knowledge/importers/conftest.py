"""Made-up crawl records in the portal's shape."""

import pytest

CHANNEL_HEADER = "Hình thức nộpThời gianPhí, lệ phíMô tả"
DOSSIER_HEADER = "Tên giấy tờMẫu đơn, tờ khaiSố lượng"
LEGAL_HEADER = "Tên văn bản pháp lýMã văn bản"


@pytest.fixture
def crawl():
    """A function that makes one crawled object; keyword arguments replace fields."""

    def make(**fields):
        record = {
            "ma_thu_tuc": "1.234567",
            "detail_url": "https://example.invalid/thu-tuc/1",
            "formality_id": "",
            "ten_thu_tuc": "Đăng ký nuôi chim bồ câu đưa thư",
            "so_quyet_dinh": "12/QĐ-XYZ",
            "cap_thuc_hien": "Cấp xã",
            "loai_thu_tuc": "Loại khác",
            "linh_vuc": "Chim cảnh",
            "doi_tuong_thuc_hien": "Công dân Việt Nam",
            "co_quan_co_tham_quyen": "",
            "dia_chi_tiep_nhan": "",
            "co_quan_duoc_uy_quyen": "",
            "co_quan_phoi_hop": "",
            "thu_tuc_lien_quan": "Không có thông tin",
            "trinh_tu_thuc_hien": "Bước 1: Nộp đơn.\nBước 2: Nhận giấy.",
            "cach_thuc_thuc_hien": f"{CHANNEL_HEADER}Trực tiếp3 Ngày làm việcMiễn phí",
            "thanh_phan_ho_so": f"--{DOSSIER_HEADER}Đơn đăng ký1 bản chính",
            "can_cu_phap_ly": f"{LEGAL_HEADER}Luật Chim cảnh12/2024/QH15",
            "co_quan_thuc_hien": "Ủy ban nhân dân cấp xã",
            "yeu_cau_dieu_kien": "Không có thông tin",
            "ket_qua_xu_ly": "Giấy đăng kýMã: KQ.G01.000001Từ khóaKhông có thông tinMô tảKhông có thông tin",
            "raw_text": "",
        }
        record.update(fields)
        return record

    return make
