# Everything a newcomer types. Needs uv, or else Python 3.10; nothing to edit.
#   make chat    install what is missing, load the knowledge, train on first use, open the conversation
#   make test    install the development tools too and run the fast tests

# Compiled bytecode makes every later start some ten seconds faster; a foreign environment must not be written into.
unexport PYTHONDONTWRITEBYTECODE
unexport VIRTUAL_ENV
export RASA_TELEMETRY_ENABLED = false
export TF_CPP_MIN_LOG_LEVEL = 3
export SQLALCHEMY_SILENCE_UBER_WARNING = 1

PYTEST_FLAGS ?=
LOCKED := pyproject.toml uv.lock .python-version
RASA_DATA := --data nlu/data bot/rules bot/stories
.DEFAULT_GOAL := help
.PHONY: help install dev chat serve train doctor test test-all lint rasa-validate rasa-test clean

help:
	@echo "make chat       trò chuyện với trợ lý (lần đầu tự cài đặt, nạp dữ liệu, huấn luyện)"
	@echo "make serve      chạy máy chủ với các kênh đã cấu hình"
	@echo "make doctor     kiểm tra cài đặt, nói rõ còn thiếu gì"
	@echo "make train      huấn luyện lại mô hình"
	@echo "make test       chạy các bài kiểm tra nhanh;  make test-all: cả các bài chậm"
	@echo "make lint       ruff, import-linter;  make rasa-validate, make rasa-test: công cụ gốc của Rasa"

# A uv that really runs (a shim may stand on the path and fail) and is new enough; else one of our own, by pip.
define find_uv
uv=""; \
for candidate in uv .uv/bin/uv; do \
  if $$candidate sync --help 2>/dev/null | grep -q -- --no-default-groups; then uv=$$candidate; break; fi; \
done; \
if [ -z "$$uv" ]; then \
  for python in python3.10 python3 python; do \
    if $$python -c "import sys; sys.exit(sys.version_info[:2] != (3, 10))" 2>/dev/null; then break; fi; python=""; \
  done; \
  if [ -z "$$python" ]; then echo "Cần Python 3.10 hoặc uv. Hãy cài một trong hai rồi chạy lại lệnh này."; exit 1; fi; \
  echo "Đang cài uv (công cụ cài đặt gói) vào thư mục .uv ..."; \
  { $$python -m venv .uv && .uv/bin/python -m pip install --quiet uv; } || { echo "Không cài được uv. Python 3.10 cần có venv và pip (trên Debian: gói python3.10-venv), và máy cần vào được PyPI."; exit 1; }; \
  uv=.uv/bin/uv; \
fi
endef

# Stamps say that the environment is as the lock file wants it: a second `make chat` installs nothing.
.venv/.installed: $(LOCKED)
	@$(find_uv); echo "Đang cài đặt các gói phần mềm (lần đầu tải khoảng 1 GB) ..."; \
	$$uv sync --frozen --no-dev --inexact && touch $@ && echo "Đã cài xong."

.venv/.installed-dev: $(LOCKED)
	@$(find_uv); echo "Đang cài đặt các gói phần mềm và công cụ phát triển (lần đầu tải khoảng 1 GB) ..."; \
	$$uv sync --frozen && touch .venv/.installed $@ && echo "Đã cài xong."

install: .venv/.installed
dev: .venv/.installed-dev

chat: install
	@.venv/bin/motcua chat

serve: install
	@.venv/bin/motcua serve

train: install
	@.venv/bin/motcua train

doctor: install
	@.venv/bin/motcua doctor

test: dev
	.venv/bin/pytest -q $(PYTEST_FLAGS)

test-all: dev
	.venv/bin/pytest -q -m "slow or not slow" $(PYTEST_FLAGS)

lint: dev
	.venv/bin/ruff check .
	.venv/bin/lint-imports

rasa-validate: dev
	.venv/bin/rasa data validate --domain bot/domain $(RASA_DATA)

rasa-test: dev
	.venv/bin/motcua train
	.venv/bin/rasa test core --stories tests/stories --model models --out results/rasa-test --fail-on-prediction-errors

clean:
	rm -rf .venv .uv models .rasa results
