"""The words of governance's own rows in the audit trail."""

PERSON_KEY = "governance.PersonKey"
ERASED = "erased"
EXPORTED = "exported"
AUDIT_ROW = "governance.AuditRow"
VERIFIED = "verify_chain"
LEAVING = "governance.Leaving"
