import { InvalidError } from '../../errors.ts'
import { faultText, validationIssues } from '../../kernel/schema-issues/validation-issues.ts'
import type { CountedSource } from '../store/documents/source-rows.ts'
import { addSource, type SourceServices } from './add-source.ts'
import { EMPTY_REPORT, together } from './reports.ts'
import { type MemorySource, type MemorySources, type SourceRequest, sourceRequest } from './sources.ts'

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
