import { effectClassOf, type Tool } from '../../tool/tool.ts'

/** Tools whose work is a run of its own: its steps may do anything. */
const STARTS_RUNS: readonly string[] = ['pipeline-executor']

/** Whether the work of a tool is a run of its own. */
export const startsRun = ({ name }: Pick<Tool, 'name'>) => STARTS_RUNS.includes(name)

/** Whether a call may do harm: it changes something, and the change cannot be undone. */
export function mayDoHarm(tool: Tool, parameters: unknown): boolean {
  if (startsRun(tool)) return true
  const effect = effectClassOf(tool, parameters)
  return effect !== 'pure' && !(effect === 'idempotent' && tool.undo !== undefined)
}

/** Whether some call of a tool may do harm: its effect may depend on its parameters. */
export const mayEverDoHarm = (tool: Tool): boolean => 'effectOf' in tool || mayDoHarm(tool, undefined)
