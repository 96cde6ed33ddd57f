import { is, TerminalError } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import { nameOf } from '../../kernel/ref.ts'
import { ownerOf } from '../../lib/owner.ts'
import type { CallCondition } from '../../tool/tool-request.ts'
import type { StepContext } from './context.ts'

/** @throws TerminalError `precondition_failed` when the environment of the run's owner has another version */
export async function checkCallCondition(
  { environment, version: expected }: CallCondition,
  { services, start }: Pick<StepContext, 'services' | 'start'>,
): Promise<void> {
  const environments = services.rooms?.(ownerOf(start.run), nameOf(runRef(start.run.id))).environments
  if (!environments) throw new TerminalError('This runtime has no environments.', { code: 'precondition_failed' })
  const version = await versionOf(environments, environment)
  if (version === expected) return
  throw new TerminalError(
    `The call expected version ${expected} of the environment ${environment}, which has version ${version}.`,
    { code: 'precondition_failed', hint: 'Read the environment again, and call with its version.' },
  )
}

async function versionOf(
  environments: { get(name: string): Promise<{ readonly version: number }> },
  name: string,
): Promise<number> {
  try {
    return (await environments.get(name)).version
  } catch (error) {
    if (is(error, 'NotFoundError')) return 0
    throw error
  }
}
