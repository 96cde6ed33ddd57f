import type { Json } from '../../kernel/schema.ts'
import type { ModelFit } from '../../model/choose/choose.ts'
import type {
  CacheControl,
  Collected,
  ModelSummary,
  PoolsDocument,
  RuntimeStatus,
} from '../../runtime/ports/maintenance.ts'
import type { Backup } from '../../store/backup.ts'
import type { ToolDescription } from '../../tool/describe.ts'
import { type Asking, pathTo, queryOf } from './request.ts'

/** A server and what it can do, as a client has it. */
export interface System {
  /** The process answers. */
  health(): Promise<void>
  /** The process can take work; throws why it cannot. */
  ready(): Promise<void>
  status(): Promise<RuntimeStatus>
  /** What was counted, as Prometheus reads it. */
  metrics(): Promise<string>
  /** What the server says of its routes: an OpenAPI 3.1 document. */
  openApi(): Promise<{ readonly [key: string]: Json }>
  pools(): Promise<PoolsDocument>
  readonly cache: CacheControl
  /** The tools that steps can use, by name and without their fields; or one, with all its operations: NotFoundError when there is none. */
  tools(name?: string): Promise<readonly ToolDescription[]>
  /** The models that may answer. */
  models(): Promise<readonly ModelSummary[]>
  /** Which model would be taken first, and why not the others, by needs in words. */
  judgeModels(needs: string): Promise<readonly ModelFit[]>
  /** The process that has the folder gives it up; `wait` in ms. */
  handOver(wait: number): Promise<void>
  /** `file` is absolute. */
  backup(file: string, options?: { readonly force?: boolean }, signal?: AbortSignal): Promise<Backup>
  gc(options?: { readonly dryRun?: boolean }, signal?: AbortSignal): Promise<Collected>
}

type Items<T> = { readonly items: readonly T[] }

export function systemClient({ get, post, text }: Asking): System {
  return {
    health: async () => void (await get('/health')),
    ready: async () => void (await get('/ready')),
    status: () => get('/status'),
    metrics: () => text('/metrics'),
    openApi: () => get('/openapi.json'),
    pools: () => get('/pools'),
    cache: { report: () => get('/cache'), drop: (what) => post('/cache/drop', what) },
    tools: async (name) =>
      (await get<Items<ToolDescription>>(name === undefined ? '/tools' : pathTo('tools', name))).items,
    models: async () => (await get<Items<ModelSummary>>('/models')).items,
    judgeModels: async (needs) => (await get<Items<ModelFit>>(`/models/choice${queryOf({ needs })}`)).items,
    handOver: async (wait) => void (await post('/handover', { wait })),
    backup: (file, options = {}, signal) => post('/backup', { file, ...options }, signal),
    gc: (options = {}, signal) => post('/gc', options, signal),
  }
}
