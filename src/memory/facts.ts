import type { ErrorCodes } from '../errors.ts'

export const memoryCodes = {
  record_conflict: { status: 409, exit: 2, means: 'another record with the same id has other content' },
  forgotten: { status: 409, exit: 2, means: 'the record was forgotten after the work that writes it began' },
  pins_full: { status: 409, exit: 2, means: 'the pinned records would be too long together' },
  cannot_undo: { status: 409, exit: 2, means: 'the change was undone already, is an erasure, or was forgotten' },
  erased_meanwhile: { status: 409, exit: 1, means: 'records were erased while they were exported' },
  record_quarantined: { status: 409, exit: 2, means: 'the record is damaged, so no search and no list contains it' },
  not_own: { status: 403, exit: 2, means: 'work changes only what it wrote, and pins nothing' },
  too_many_proposals: { status: 409, exit: 2, means: 'the most facts that may wait for a person do' },
  not_comparable: { as: 'InvalidError', means: 'a vector has another model or length than those of the memory' },
  source_unreachable: { status: 422, exit: 1, means: 'a page is not added, because it cannot be fetched' },
  memory_not_shared: { status: 409, exit: 2, means: 'memory lies in one data folder, and a cluster has several' },
  memory_unreachable: { status: 503, exit: 1, means: 'the libSQL server of memory does not answer' },
  memory_refused: { status: 502, exit: 1, means: 'the libSQL server of memory refuses the token or the address' },
} as const satisfies ErrorCodes

export const memoryOperations = {
  'memory.add': { method: 'post', path: '/memory/records', takes: ['...'] },
  'memory.list': { method: 'get', path: '/memory/records', takes: ['...'], gives: 'items' },
  'memory.get': { method: 'get', path: '/memory/records/{record}', takes: ['record', '...'] },
  'memory.pin': { method: 'post', path: '/memory/records/{record}/pin', takes: ['record', '...'] },
  'memory.search': { method: 'post', path: '/memory/search', takes: ['...'] },
  'memory.forget': { method: 'post', path: '/memory/forget', takes: ['...'] },
  'memory.sources.list': { method: 'get', path: '/memory/sources', takes: ['...'], gives: 'items' },
  'memory.sources.add': { method: 'post', path: '/memory/sources', takes: ['...'] },
  'memory.sources.forget': { method: 'delete', path: '/memory/sources', takes: ['...'] },
  'memory.changes': { method: 'get', path: '/memory/changes', takes: ['...'], gives: 'items' },
  'memory.undo': { method: 'post', path: '/memory/changes/{change}/undo', takes: ['change', '...'] },
  'memory.export': { method: 'get', path: '/memory/export', takes: ['...'], gives: 'ndjson' },
  'memory.import': { method: 'post', path: '/memory/import', takes: ['pieces', '...'], sends: 'ndjson' },
  'memory.proposals': { method: 'get', path: '/memory/proposals', takes: ['...'], gives: 'items' },
  'memory.accept': { method: 'post', path: '/memory/proposals/{record}/accept', takes: ['record', '...'] },
  'memory.decline': { method: 'post', path: '/memory/proposals/{record}/decline', takes: ['record', '...'] },
  'memory.stats': { method: 'get', path: '/memory/stats', takes: ['...'] },
} as const
