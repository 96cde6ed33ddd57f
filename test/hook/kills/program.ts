import { z } from 'zod'
import { defineWorkflow, start, type Workflow } from '../../../src/index.ts'
import { until } from '../../../src/testing/index.ts'

const paid = z.object({ cents: z.number() })
export const strict = z.object({ cents: z.number(), by: z.string() })
/** The addresses that workflows gave away, in their order. */
export const addresses: string[] = []

type Wait = {
  readonly schema?: typeof paid
  readonly timeout?: number
  readonly waits?: number
  readonly step?: string
}

/** The workflow `order`: it gives the addresses of its waits away, and waits there. `step`: its first step. */
export const order = ({ schema = paid, timeout, waits = 1, step = 'ask' }: Wait = {}) =>
  defineWorkflow({
    name: 'order',
    input: z.object({}),
    async run(ctx) {
      const all = Array.from({ length: waits }, (_, n) =>
        ctx.signal(`paid-${n}`, { url: true, schema, ...(timeout !== undefined && { timeout }) }),
      )
      await ctx.step(step, () => void addresses.push(...all.map(({ url }) => url)))
      return Promise.all(all.map((one) => one.catch((error: Error) => error.name)))
    },
  }) as unknown as Workflow

/** A program with its own code on a folder. */
export async function openProgram(folder: string, workflows: readonly Workflow[]) {
  const app = await start({ folder, workflows: [...workflows], notice: () => {} })
  const handle = app.handler({ owner: () => null })
  async function post(url: string, body: object) {
    const headers = { 'content-type': 'application/json' }
    const response = await handle(new Request(url, { method: 'POST', body: JSON.stringify(body), headers }))
    const { code, status } = (await response.json()) as { code?: string; status?: unknown }
    const after = response.headers.get('retry-after')
    return [response.status, code ?? status, ...(after === null ? [] : [after])]
  }
  const addressesOf = async (workflow: Workflow, id: string, count = 1) => {
    const before = addresses.length
    await app.start(workflow as never, {} as never, { id })
    const urls = await until(() => addresses.length >= before + count && addresses.slice(before))
    // a step tells them, and its end comes later
    await until(async () => (await app.runs.get(id)).status === 'waiting')
    return urls
  }
  const ended = async (id: string) => {
    await until(async () => (await app.runs.get(id)).completed_at !== null)
    return app.runs.get(id)
  }
  const waitsForCode = async (id: string) => {
    await until(async () => (await app.runtime!.runs.list()).some((run) => run.id === id && run.waitsFor === 'code'))
    return app.runtime!.inspector.why(`run/${id}`)
  }
  const stop = () => app.stop({ grace: 0 })
  return { app, post, addressesOf, ended, waitsForCode, stop, runtime: app.runtime! }
}
