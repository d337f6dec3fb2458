"""Keep libraries quiet: telemetry off, warnings and TensorFlow's greetings away. Imported before rasa."""

from __future__ import annotations

import logging
import os
import warnings


def quiet(level: str = "ERROR") -> None:
    """Set environment, warnings and logging; `level` is what the user asked to see."""
    if level in ("DEBUG", "INFO"):
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "0")
    else:
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # not a default: Rasa itself may have put a lower one into our parent
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    os.environ.setdefault("TQDM_DISABLE", "1")
    # Threads of numeric libraries wait for each other on busy machines; one is faster for inputs of this size.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    warnings.filterwarnings("ignore")
    logging.captureWarnings(True)  # some packages reset the filters when imported
    number = getattr(logging, level, logging.ERROR)
    logging.basicConfig(level=number)
    logging.getLogger().setLevel(number)
    for name in ("rasa", "rasa_sdk", "sanic", "apscheduler", "matplotlib", "tensorflow", "absl", "alembic", "h5py", "httpx"):
        logging.getLogger(name).setLevel(number)


def quiet_structlog(level: str = "ERROR") -> None:
    """Rasa logs through structlog, which prints at debug unless configured."""
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level, logging.ERROR)))
