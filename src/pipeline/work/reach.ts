import { TerminalError } from '../../errors.ts'
import type { Tool } from '../../tool/tool.ts'
import type { StepStart } from '../messages.ts'
import type { PipelineServices } from './job.ts'

type Reach = Pick<PipelineServices, 'roots' | 'open'>
type Of = Pick<StepStart, 'granted' | 'untrusted'>

/** What the tools of a run may touch: the configured folders (where its starter is not trusted, the open ones) and the paths that it was given. */
export function rootsOf({ roots, open }: Reach, { granted, untrusted }: Of): readonly string[] {
  const configured = untrusted ? (open?.roots ?? []) : roots
  return granted ? [...configured, ...granted] : configured
}

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
