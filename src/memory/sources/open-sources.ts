import { InvalidError } from '../../errors.ts'
import { faultText, validationIssues } from '../../kernel/schema-issues/validation-issues.ts'
import type { CountedSource } from '../store/documents/source-rows.ts'
import { addSource, EMPTY_REPORT, type SourceServices } from './add-source.ts'
import {
  type AddedSources,
  type MemorySource,
  type MemorySources,
  type SourceRequest,
  sourceRequest,
} from './sources.ts'

/** The documents of an owner. */
export function openSources(services: SourceServices): MemorySources {
  return {
    async list({ below, after, limit = 100 } = {}) {
      const query = { limit, ...(below !== undefined && { below }), ...(after !== undefined && { after }) }
      return (await services.known(query)).map(sourceOf)
    },
    async add(request, options = {}) {
      let next: SourceRequest = checkRequest(request)
      let report = EMPTY_REPORT
      for (;;) {
        const portion = await addSource(services, next, options)
        report = together(report, portion)
        options.onProgress?.(report)
        const { after, change } = report
        if (after === undefined || options.isPortion) return report
        next = { ...next, after, ...(change !== undefined && { change }) }
      }
    },
  }
}

function checkRequest(request: SourceRequest): SourceRequest {
  const { success, data, error } = sourceRequest.safeParse(request)
  if (success) return data
  const [fault] = validationIssues(error.issues, request)
  throw new InvalidError(fault ? faultText(fault) : error.message, { place: { path: (fault?.path ?? []).join('.') } })
}

/** The report of two portions of one folder. */
export function together(one: AddedSources, next: AddedSources): AddedSources {
  const { read, same, dropped, added, removed, skipped, notes } = one
  return {
    ...next,
    read: read + next.read,
    same: same + next.same,
    dropped: dropped + next.dropped,
    added: added + next.added,
    removed: removed + next.removed,
    skipped: [...skipped, ...next.skipped],
    notes: [...notes, ...next.notes],
  }
}

function sourceOf({ ref, type, space, reason, live, size, read_at, checked_at }: CountedSource): MemorySource {
  return {
    ref,
    type,
    space,
    status: reason === null ? 'read' : 'unread',
    ...(reason !== null && { reason }),
    records: live,
    ...(size !== null && { bytes: size }),
    readAt: read_at,
    checkedAt: checked_at,
  }
}
