import type { ErrorCodes } from '../errors.ts'

export const fileCodes = {
  file_not_found: { status: 404, exit: 2, means: 'the owner has no such file' },
  file_too_large: { status: 413, exit: 2, means: 'the file is larger than `files.max`, or than the caller reads' },
  file_quota: {
    status: 507,
    exit: 2,
    means: 'the files of the owner, or of the folder, would be more than their limit',
  },
  no_thumbnail: { status: 404, exit: 2, means: 'the file is not a picture, or nothing here can make it smaller' },
  file_type: { as: 'InvalidError', means: 'the name of the file contradicts its content' },
} as const satisfies ErrorCodes

export const fileOperations = {
  'files.add': { method: 'put', path: '/files', sends: 'bytes' },
  'files.list': { method: 'get', path: '/files', takes: ['...'], gives: 'items' },
  'files.open': { method: 'get', path: '/files/{file}' },
  'files.thumbnail': { method: 'get', path: '/files/{file}/thumbnail' },
  'files.get': { method: 'get', path: '/files/{file}/record', takes: ['file', '...'] },
  'files.remove': { method: 'delete', path: '/files/{file}', takes: ['file', '...'], gives: 'nothing' },
} as const
