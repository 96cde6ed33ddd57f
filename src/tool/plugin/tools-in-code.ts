import { InvalidError } from '../../errors.ts'
import type { Tool } from '../tool.ts'
import { findClash } from '../toolbox.ts'
import { markCodeTool } from './code-tool.ts'
import { guardTool } from './guard.ts'
import { faultOfTool } from './plugins.ts'

/**
 * The tools of a program, each once, guarded as those of plugins are. InvalidError for a value that is not a tool, and
 * of code `tool_taken` for a name that belongs to one of `taken` or to another tool of the program.
 */
export function codeTools(given: readonly Tool[], taken: readonly Tool[]): readonly Tool[] {
  const names = new Set(taken.map(({ name }) => name))
  return [...new Set(given)].map((tool) => {
    const fault = faultOfTool(tool)
    if (fault !== undefined)
      throw new InvalidError(`The tool ${String(tool?.name)}: ${fault}`, { place: { path: 'tools' }, hint: TOOL_HINT })
    const { name, isolation } = tool
    if (isolation !== undefined)
      throw new InvalidError(`The tool ${name}: only a tool of a plugin can have a process of its own.`, {
        hint: 'Export it from a module, and name the module under `plugins:` in antiphon.yaml.',
      })
    const clash = findClash(name, names)
    if (clash !== undefined)
      throw new InvalidError(`The tool ${name} of this program clashes with another tool of the name ${clash}.`, {
        code: 'tool_taken',
        place: { path: 'tools' },
        hint: 'Give it another name.',
      })
    names.add(name)
    return markCodeTool(guardTool(tool))
  })
}

const TOOL_HINT = 'Expected what defineTool takes: a name, a description, an effect, an input and execute.'
