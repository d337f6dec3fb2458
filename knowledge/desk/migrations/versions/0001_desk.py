"""The desk: questions for a person, feedback, places to resume, limits."""

import sqlalchemy as sa
from alembic import op

revision = "d0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_feedback",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=True),
        sa.Column("procedure", sa.String(length=16), nullable=True),
        sa.Column("aspects", sa.JSON(), nullable=False),
        sa.Column("row_id", sa.String(length=120), nullable=True),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("desk_feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_desk_feedback_procedure"), ["procedure"], unique=False)
        batch_op.create_index("ix_desk_feedback_state", ["state", "kind"], unique=False)

    op.create_table(
        "desk_limit",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "desk_place",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    with op.batch_alter_table("desk_place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_desk_place_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "desk_ticket",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("person", sa.String(length=160), nullable=True),
        sa.Column("procedure", sa.String(length=16), nullable=True),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("answered_at", sa.Float(), nullable=True),
        sa.Column("told_at", sa.Float(), nullable=True),
        sa.Column("closed_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    with op.batch_alter_table("desk_ticket", schema=None) as batch_op:
        batch_op.create_index("ix_desk_ticket_person", ["person"], unique=False)
        batch_op.create_index("ix_desk_ticket_waiting", ["channel", "state", "told_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("desk_ticket", schema=None) as batch_op:
        batch_op.drop_index("ix_desk_ticket_waiting")
        batch_op.drop_index("ix_desk_ticket_person")

    op.drop_table("desk_ticket")
    with op.batch_alter_table("desk_place", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_desk_place_expires_at"))

    op.drop_table("desk_place")
    op.drop_table("desk_limit")
    with op.batch_alter_table("desk_feedback", schema=None) as batch_op:
        batch_op.drop_index("ix_desk_feedback_state")
        batch_op.drop_index(batch_op.f("ix_desk_feedback_procedure"))

    op.drop_table("desk_feedback")
