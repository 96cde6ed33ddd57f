import { is, TerminalError } from '../../errors.ts'
import { NAME_FOLDER } from '../../tool/roots.ts'
import type { Tool } from '../../tool/tool.ts'
import type { StepStart } from '../plan/messages/step-start.ts'
import type { PipelineServices } from './context.ts'

type Reach = Pick<PipelineServices, 'roots' | 'open'>
type Of = Pick<StepStart, 'granted' | 'untrusted'>

/** What the tools of a run may touch: the configured folders (where its starter is not trusted, the open ones) and the paths that it was given. */
export function rootsOf({ roots, open }: Reach, { granted, untrusted }: Of): readonly string[] {
  const configured = untrusted ? (open?.roots ?? []) : roots
  return granted ? [...configured, ...granted] : configured
}

/** To an untrusted starter more is closed than what no folder is named for: that is told instead. */
export function withReason(error: unknown, { untrusted }: Of): unknown {
  if (!untrusted || !is(error) || error.hint !== NAME_FOLDER) return error
  return new TerminalError(error.message, { code: error.code, cause: error, hint: OPEN_FOLDERS })
}

const OPEN_FOLDERS =
  'A run from the network may touch a folder under `roots:` in antiphon.yaml only if nothing of antiphon lies in it: neither antiphon.yaml, nor plugins, nor the data folder (.antiphon).'

/** Refuses an untrusted starter a tool that no folder bounds, unless that is open to all. */
export function checkReach({ name, reach }: Tool, { open }: Reach, { untrusted }: Of): void {
  if (!untrusted || reach !== 'machine') return
  const tool = name.split(':')[0]!
  if (open?.tools.includes(tool)) return
  throw new TerminalError(`${tool} reaches all of this machine: a run from the network may not call it`, {
    code: 'outside_root',
    hint: `to allow it, name it in antiphon.yaml: serve: { tools: [${tool}] }`,
  })
}
