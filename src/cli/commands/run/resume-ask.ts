import { errorOf } from '../../../errors.ts'
import { threadOfAsk } from '../../arguments/ids.ts'
import type { Cli } from '../../cli.ts'
import { withRuntime } from '../../connect/session.ts'
import type { ConnectionTarget } from '../../connect/target.ts'
import { viewAsk } from '../../render/live-view.ts'
import { printAnswer, printJson } from '../../render/print.ts'

type Options = ConnectionTarget & { readonly thread?: string | undefined; readonly json?: boolean | undefined }

/** Continues a question that has failed, follows it and prints its answer. */
export function resumeAsk(cli: Cli, id: string, { thread: named, json = false, ...where }: Options): Promise<number> {
  const thread = named ?? threadOfAsk(id)
  return withRuntime(cli, { command: `antiphon resume ${id}`, ...where }, async ({ client, signal, command }) => {
    await client.threads.resumeAsk(thread, id)
    const view = await viewAsk(cli.terminal, command('decide', id, 'accept'))
    signal.addEventListener('abort', () => view.close(), { once: true })
    for await (const { body } of client.threads.askEvents(thread, id, { signal })) if (!signal.aborted) view.take(body)
    view.close()
    if (signal.aborted) return 130
    const { status, answer, citations, degraded, model, unsure, problem } = await client.threads.getAsk(thread, id)
    if (status !== 'completed') {
      if (json) printJson(cli.terminal, { id, thread, status, degraded, problem })
      if (problem) throw errorOf(problem)
      return 1
    }
    const basis = citations.length > 0 ? 'texts' : 'no source'
    const found = { id, thread, status, answer, citations, basis, degraded, model, ...(unsure && { unsure }) } as const
    printAnswer(cli.terminal, found, json)
    return 0
  })
}
