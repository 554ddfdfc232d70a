"""The first schema: mail, roster, witness.

Revision 0001, follows nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accepted",
        sa.Column("sender", sa.String(length=32), nullable=False),
        sa.Column("mail", sa.LargeBinary(), nullable=False),
        sa.Column("received_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sender", "mail", name=op.f("pk_accepted")),
    )
    with op.batch_alter_table("accepted", schema=None) as batch_op:
        batch_op.create_index("ix_accepted_received_at_ms", ["received_at_ms"], unique=False)

    op.create_table(
        "evidence",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("origin", sa.String(length=128), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("earlier", sa.LargeBinary(), nullable=False),
        sa.Column("later", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_evidence")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_origin"), ["origin"], unique=False)

    op.create_table(
        "mail",
        sa.Column("recipient", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sender", sa.String(length=32), nullable=False),
        sa.Column("mail", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received_at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_mail_size_positive")),
        sa.PrimaryKeyConstraint("recipient", "sequence", name=op.f("pk_mail")),
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index("ix_mail_received_at_ms", ["received_at_ms"], unique=False)
        batch_op.create_index("ix_mail_recipient_size", ["recipient", "size"], unique=False)
        batch_op.create_index("ix_mail_sender_mail", ["sender", "mail"], unique=True)
        batch_op.create_index("ix_mail_sender_size", ["sender", "size"], unique=False)

    op.create_table(
        "mailbox",
        sa.Column("recipient", sa.String(length=32), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("recipient", name=op.f("pk_mailbox")),
    )
    op.create_table(
        "roster_version",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(length=71), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_roster_version")),
    )
    op.create_table(
        "witnessed_log",
        sa.Column("origin", sa.String(length=128), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_witnessed_log")),
    )


def downgrade() -> None:
    op.drop_table("witnessed_log")
    op.drop_table("roster_version")
    op.drop_table("mailbox")
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.drop_index("ix_mail_sender_size")
        batch_op.drop_index("ix_mail_sender_mail")
        batch_op.drop_index("ix_mail_recipient_size")
        batch_op.drop_index("ix_mail_received_at_ms")

    op.drop_table("mail")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_origin"))

    op.drop_table("evidence")
    with op.batch_alter_table("accepted", schema=None) as batch_op:
        batch_op.drop_index("ix_accepted_received_at_ms")

    op.drop_table("accepted")
