import { TerminalError } from '../errors.ts'
import { claimFolder, type Owner } from '../store/owner.ts'

/** The data folder, made this process's own; an error of code `owned` names the process that has it. */
export async function claimData(data: string): Promise<Owner> {
  const claimed = await claimFolder(data, { command: 'createRuntime' })
  if (!claimed.taken) return claimed
  const { record } = claimed
  const who = record
    ? `process ${record.pid} (${record.command}, since ${new Date(record.startedAt).toISOString()})`
    : 'another process'
  throw new TerminalError(`The data folder ${data} belongs to ${who}.`, { code: 'owned' })
}
