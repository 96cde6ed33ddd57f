import type { ErrorCodes } from '../errors.ts'

/** The error codes of files. */
export const fileCodes = {
  file_not_found: { status: 404, exit: 2, means: 'the owner has no such file' },
  file_too_large: { status: 413, exit: 2, means: 'the file is larger than `files.max`, or than the caller reads' },
  file_quota: {
    status: 507,
    exit: 2,
    means: 'the files of the owner, or of the folder, would be more than their limit',
  },
  file_type: { as: 'InvalidError', means: 'the name of the file contradicts its content' },
} as const satisfies ErrorCodes
