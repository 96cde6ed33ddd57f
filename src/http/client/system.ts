import type { Json } from '../../kernel/schema.ts'
import type { RuntimeStatus } from '../../runtime/ports/maintenance.ts'
import type { Asking } from './request.ts'

/** A server as a client has it. */
export interface System {
  /** The process answers. */
  health(): Promise<void>
  /** The process can take work; throws why it cannot. */
  ready(): Promise<void>
  status(): Promise<RuntimeStatus>
  /** What the server says of its routes: an OpenAPI 3.1 document. */
  openApi(): Promise<{ readonly [key: string]: Json }>
  /** The process that has the folder gives it up; `wait` in ms. */
  handOver(wait: number): Promise<void>
}

export function systemClient({ get, post }: Asking): System {
  return {
    health: async () => void (await get('/health')),
    ready: async () => void (await get('/ready')),
    status: () => get('/status'),
    openApi: () => get('/openapi.json'),
    handOver: async (wait) => void (await post('/handover', { wait })),
  }
}
