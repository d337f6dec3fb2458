"""Things the guidance documents do not say of their subjects; {} is a subject ("nền tảng trợ lý ảo").

Negative examples for benchmarks/guidance_fit.py, in the kinds in which people ask for too much: money, persons, contacts,
counts, times, places, ways to do something, penalties, what one firm or one place did, what something looks like.
"""

UNSAID = (
    "{} giá bao nhiêu một tháng", "ai trúng thầu {}", "{} có bao nhiêu nhân viên", "số điện thoại hỗ trợ {} ở huyện tôi", "{} dùng màu gì làm biểu trưng",
    "mẫu đơn đăng ký {} tải ở đâu", "{} năm 2028 đạt bao nhiêu", "ai là giám đốc {}", "{} viết bằng ngôn ngữ gì", "{} có tính lãi suất không",
    "tham gia {} được thưởng bao nhiêu tiền", "người nước ngoài có được dùng {} không", "{} có làm việc ngày chủ nhật không", "khiếu kiện về {} nộp ở tòa nào",
    "{} có cần khám sức khỏe không", "ai bị kỷ luật vì {}", "trụ sở {} ở phố nào", "{} được giảm thuế thu nhập mấy phần trăm", "lịch thi {} tuần này",
    "mã số thuế của {}", "{} đã có ở huyện Củ Chi chưa", "tuổi nghỉ hưu của người làm {}", "{} kết nối với ngân hàng Vietcombank ra sao", "cài {} trên iPhone đời nào",
    "{} ở Nhật Bản làm thế nào", "{} có bán cổ phiếu không", "con dấu của {} hình gì", "{} bị lỗi màn hình trắng xử lý sao", "tòa nhà đặt {} cao mấy tầng", "hợp đồng lao động với {} ký mấy năm",
    "chi cho {} hết bao nhiêu tỷ đồng", "không làm {} thì bị xử phạt thế nào", "vi phạm về {} phạt mấy triệu", "kinh phí {} của tỉnh Hà Giang là bao nhiêu", "mỗi xã được rót bao nhiêu tiền cho {}",
    "người phụ trách {} ở tỉnh Bến Tre tên gì", "email của trưởng phòng {} là gì", "ai viết tài liệu về {}", "số di động của lãnh đạo {}", "bí thư nào ký về {}",
    "{} năm 2019 đạt bao nhiêu phần trăm", "chỉ tiêu {} năm 2027", "kết quả {} năm 2024 ra sao", "đến năm 2045 {} thế nào", "quý 3 năm 2021 {} được bao nhiêu",
    "{} của tỉnh Quảng Trị đạt mấy phần trăm", "huyện nào làm {} kém nhất", "so sánh {} của Việt Nam với Hàn Quốc", "{} ở xã tôi bắt đầu hôm nào", "thành phố nào đứng cuối về {}",
    "{} gồm bao nhiêu trang giấy", "{} có mấy cái máy in", "mấy xe ô tô phục vụ {}", "bao nhiêu phóng viên đưa tin về {}", "{} tốn mấy gigabyte dung lượng",
    "{} mất mấy tiếng đồng hồ", "{} mở cửa lúc mấy giờ", "bao nhiêu ngày thì {} trả kết quả", "{} được gia hạn mấy lần", "học về {} kéo dài mấy tháng",
    "quên mật khẩu {} thì làm sao", "hủy đăng ký {} bấm nút nào", "đăng nhập {} bằng tài khoản facebook được không", "đổi tên người dùng trong {} ra sao", "cách gỡ {} khỏi máy tính",
    "làm {} cần bằng đại học gì", "độ tuổi tham gia {} là bao nhiêu", "{} có được nghỉ thai sản không", "nữ có được ưu tiên trong {} không", "{} có phải mặc đồng phục không",
    "công ty Viettel được xếp hạng mấy về {}", "tập đoàn VinGroup có tham gia {} không", "{} do hãng Microsoft cung cấp phải không", "trường đại học Bách khoa dạy {} mấy tín chỉ", "{} có kiểm toán nhà nước vào chưa",
    "bài hát về {} do ai sáng tác", "tem bưu chính về {} phát hành ngày nào", "logo {} ai vẽ", "{} thi vào tháng mấy", "vé vào cửa {} bao nhiêu",
    "đơn tố cáo về {} viết thế nào", "giấy phép {} xin ở đâu", "phí cấp lại thẻ {} là bao nhiêu", "{} có được miễn học phí cho con không", "bảo hiểm cho {} mua của hãng nào",
)  # fmt: skip
