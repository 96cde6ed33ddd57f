import type { ApiKey, AuditLine } from '../../access/room/documents.ts'
import type { AuditQuery, Keys } from '../../access/room/port.ts'
import type { Budget, BudgetsQuery } from '../../budget/room/port.ts'
import { OPERATIONS, type OperationName } from '../../contract/operations.ts'
import type { FilesQuery, StoredFile } from '../../file/room/port.ts'
import type { Page } from '../../house/common-fields.ts'
import type { ListQuery, PageQuery } from '../../house/paging.ts'
import type { InboxQuery } from '../../inbox/room/port.ts'
import type { PipelineSummary } from '../../pipeline/room/documents.ts'
import type { RunSummary } from '../../run/room/documents.ts'
import type { RunsQuery } from '../../run/room/port.ts'
import type { ActorSummary, ActorsQuery, LetterSummary } from '../../runtime/ports/inspector.ts'
import type { InboxItem } from '../../thread/room/documents/inbox.ts'
import type { ThreadSummary } from '../../thread/room/port.ts'

/** All lists, each with its query and its items. */
type Lists = {
  readonly runs: { readonly query: RunsQuery; readonly item: RunSummary }
  readonly pipelines: { readonly query: PageQuery; readonly item: PipelineSummary }
  readonly threads: { readonly query: PageQuery; readonly item: ThreadSummary }
  readonly inbox: { readonly query: InboxQuery; readonly item: InboxItem }
  readonly actors: { readonly query: ActorsQuery; readonly item: ActorSummary }
  readonly deadletters: { readonly query: ListQuery; readonly item: LetterSummary }
  readonly keys: { readonly query: NonNullable<Parameters<Keys['list']>[0]>; readonly item: ApiKey }
  readonly budgets: { readonly query: BudgetsQuery; readonly item: Budget }
  readonly files: { readonly query: FilesQuery; readonly item: StoredFile }
  readonly audit: { readonly query: AuditQuery; readonly item: AuditLine }
}

/** Reads a whole list, page by page as it is consumed; `limit` of the query is the size of a page. */
export type Each = <Name extends keyof Lists>(
  list: Name,
  query?: Lists[Name]['query'],
) => AsyncIterable<Lists[Name]['item']>

type Query = { readonly [field: string]: string | number | boolean | undefined }

const READS: { readonly [Name in keyof Lists]: OperationName } = {
  runs: 'runs.list',
  pipelines: 'pipelines.list',
  threads: 'threads.list',
  inbox: 'inbox.list',
  actors: 'inspector.actors',
  deadletters: 'inspector.deadLetters.list',
  keys: 'access.keys.list',
  budgets: 'budgets.list',
  files: 'files.list',
  audit: 'access.audit.list',
}

/** Reads lists to their end through a function that reads one page. */
export function eachBy(read: (path: string, query: Query) => Promise<unknown>): Each {
  return async function* each(list, query = {}) {
    let after: string | undefined
    do {
      const asked = { ...query, ...(after !== undefined && { after }) }
      const page = (await read(OPERATIONS[READS[list]].path, asked)) as Page<never>
      yield* page.items
      after = page.next
    } while (after !== undefined)
  }
}
