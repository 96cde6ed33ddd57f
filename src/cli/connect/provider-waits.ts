import { goalRef, runRef } from '../../house/actors.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { Why } from '../../runtime/ports/inspector.ts'
import type { Runtime } from '../../runtime/ports.ts'

/** Work that only waits for a provider, each with the command that continues it. Undefined: other work goes on. */
export async function onlyProviderWaits({
  status,
  inspector,
}: Pick<Runtime, 'status' | 'inspector'>): Promise<readonly (readonly string[])[] | undefined> {
  const commands: (readonly string[])[] = []
  for (const { kind, id } of status().active) {
    const ref = kind === 'goal' ? nameOf(goalRef(id)) : kind === 'run' ? nameOf(runRef(id)) : id
    const why = await inspector.why(ref).catch(() => undefined)
    if (!why || !isProviderWait(why)) return undefined
    commands.push(kind === 'goal' ? ['agent', 'resume', id] : ['resume', id])
  }
  return commands.length === 0 ? undefined : commands
}

/** Whether nothing below an actor works: all of it waits for providers. */
export function isProviderWait({ holds, waitsFor, more }: Why): boolean {
  if (waitsFor.length > 0) return more === 0 && waitsFor.every(isProviderWait)
  return holds.some(({ type }) => type === 'provider') && holds.every(({ type }) => IDLE.includes(type))
}

const IDLE: readonly string[] = ['provider', 'timer']
