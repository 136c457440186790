export { backUp, type BackUpOptions } from './back-up.ts'
export { BackupError, type Digest, type Digests } from './format.ts'
export { restore, type Restored, type RestoreOptions } from './restore.ts'
