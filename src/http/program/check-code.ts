import type { ProgramCode } from '../../agent/room/agents/documents.ts'
import { TerminalError } from '../../errors.ts'
import { version } from '../../lib/package/manifest.ts'
import { isThisProcess } from '../../store/data-folder/owner-record.ts'
import type { VisitorPlace } from '../server/visit-owner.ts'

export type CodeNeeds = { readonly agents?: readonly string[]; readonly tools?: readonly string[] }

type Owner = Pick<VisitorPlace, 'owner' | 'status'>

/** Throws an error of code `other_code` if the owner lacks an agent or a tool, or has another version of it. */
export type CheckCode = (owner: Owner, needs: CodeNeeds) => void

/** Compares what a request needs with what the owner has: only what this program defines, no agents of files. */
export function checkCodeOf(own: ProgramCode): CheckCode {
  return ({ owner, status: { program } }, { agents = [], tools = [] }) => {
    const check = (kind: 'agent' | 'tool', name: string) => {
      const hash = own[`${kind}s`][name]
      const other = program?.[`${kind}s`][name]
      if (hash === undefined || hash === other) return
      const fault = other === undefined ? 'does not have' : 'has another version of'
      throw new TerminalError(`${inWords(owner)}, which owns the data folder, ${fault} the ${kind} ${name}.`, {
        code: 'other_code',
        hint: adviceFor(owner),
        data: { kind, name, ...(!isThisProcess(owner) && { pid: owner.pid }) },
      })
    }
    for (const name of tools) check('tool', name)
    for (const name of agents) check('agent', name)
  }
}

const inWords = (owner: Owner['owner']) =>
  isThisProcess(owner) ? 'An earlier start of this process' : `Process ${owner.pid} (${owner.command})`

/** A process is not told to end itself. */
const adviceFor = (owner: Owner['owner']) =>
  isThisProcess(owner)
    ? 'Agents and tools run in the first start of a process. To let this one take its place, as after a hot reload: start({ reload: true })'
    : `Agents and tools run in that process. When it ends, this process can take its place, with its own agents and tools. To end it: kill ${owner.pid}`

export function otherVersion({ owner, status }: Owner): TerminalError {
  const end = isThisProcess(owner) ? '' : ` To end the other process: kill ${owner.pid}`
  return new TerminalError(
    `${inWords(owner)}, which owns the data folder, runs antiphon ${status.version}, but this program runs antiphon ${version()}.`,
    { code: 'other_version', hint: `Both need the same version.${end}` },
  )
}
