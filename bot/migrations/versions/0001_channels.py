"""The operational tables of the server: inbox, outbox, conversations, payload keys, Zalo tokens."""

import sqlalchemy as sa
from alembic import op

revision = 'c0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('channel_inbox',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('message_id', sa.String(length=160), nullable=False),
    sa.Column('person', sa.String(length=160), nullable=False),
    sa.Column('address', sa.JSON(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('sent_at', sa.Float(), nullable=False),
    sa.Column('received_at', sa.Float(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('channel', 'message_id'),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('channel_inbox', schema=None) as batch_op:
        batch_op.create_index('ix_channel_inbox_waiting', ['state', 'person', 'sent_at'], unique=False)

    op.create_table('channel_outbox',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('person', sa.String(length=160), nullable=False),
    sa.Column('address', sa.JSON(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('created_at', sa.Float(), nullable=False),
    sa.Column('sent_at', sa.Float(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('channel_outbox', schema=None) as batch_op:
        batch_op.create_index('ix_channel_outbox_person', ['person', 'id'], unique=False)
        batch_op.create_index('ix_channel_outbox_waiting', ['state', 'person', 'id'], unique=False)

    op.create_table('channel_payload',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('payload', sa.Text(), nullable=False),
    sa.Column('used_at', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('key')
    )
    op.create_table('channel_person',
    sa.Column('person', sa.String(length=160), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('slots', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('numbered', sa.JSON(), nullable=False),
    sa.Column('last_in', sa.Float(), nullable=False),
    sa.Column('window_sent', sa.Integer(), nullable=False),
    sa.Column('turn_owner', sa.String(length=120), nullable=True),
    sa.Column('turn_until', sa.Float(), nullable=False),
    sa.Column('send_owner', sa.String(length=120), nullable=True),
    sa.Column('send_until', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('person')
    )
    op.create_table('zalo_token',
    sa.Column('app_id', sa.String(length=40), nullable=False),
    sa.Column('access', sa.Text(), nullable=False),
    sa.Column('refresh', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.Float(), nullable=False),
    sa.Column('refreshed_at', sa.Float(), nullable=False),
    sa.Column('problem', sa.Text(), nullable=True),
    sa.Column('owner', sa.String(length=120), nullable=True),
    sa.Column('until', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('app_id')
    )


def downgrade() -> None:
    op.drop_table('zalo_token')
    op.drop_table('channel_person')
    op.drop_table('channel_payload')
    with op.batch_alter_table('channel_outbox', schema=None) as batch_op:
        batch_op.drop_index('ix_channel_outbox_waiting')
        batch_op.drop_index('ix_channel_outbox_person')

    op.drop_table('channel_outbox')
    with op.batch_alter_table('channel_inbox', schema=None) as batch_op:
        batch_op.drop_index('ix_channel_inbox_waiting')

    op.drop_table('channel_inbox')
