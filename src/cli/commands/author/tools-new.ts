import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { InvalidError } from '../../../errors.ts'
import { missingPlugin } from '../../arguments/plugin-entry.ts'
import { command } from '../../command.ts'
import { commandLine } from '../../terminal/format.ts'
import { loadLocalTools } from './local-tools.ts'
import { writeOnce } from './write-once.ts'

/**
 * `tools new NAME`: writes a file with a working tool. It ends in .mts, which is a module in packages of every type.
 */
export const newCommand = command({
  name: 'new',
  about: 'Create a tool of your own. Writes a working tool to the folder tools.',
  args: [
    ['<name>', 'name of the tool: lower-case letters, digits, - and _; shop:order is the operation order of shop'],
  ],
  examples: ['tools new shout', 'tools new shop:order'],
  async run(cli, name) {
    const { isToolName } = await import('../../../tool/plugin/tool-fault.ts')
    if (!isToolName(name))
      throw new InvalidError(`Expected the name of a tool, got ${name}.`, {
        hint: 'Use lower-case letters, digits, - and _, as in get_weather or shop:order.',
      })
    const { config, toolbox } = await loadLocalTools(cli)
    const [{ findClash }, { isUnavailable }] = await Promise.all([
      import('../../../tool/toolbox.ts'),
      import('../../../tool/tool.ts'),
    ])
    const taken = toolbox.list().filter((tool) => !isUnavailable(tool))
    const clash = findClash(
      name,
      taken.map((tool) => tool.name),
    )
    if (clash !== undefined)
      throw new InvalidError(`The tool ${clash} already exists.`, { hint: 'Give yours another name.' })
    const path = join('tools', `${name.replace(':', '-')}.mts`)
    await writeOnce(join(config.folder, path), sourceOf(name))
    const { terminal } = cli
    const shown = relative(terminal.folder, join(config.folder, path))
    terminal.out(shown)
    const settings = await readFile(join(config.folder, 'antiphon.yaml'), 'utf8').catch(() => '')
    const missing = await missingPlugin(settings, path)
    const call = `  ${commandLine(['tools', 'call', name, 'text=hello'], terminal.environment)}`
    const steps = missing ? [`${missing.say} antiphon.yaml, then try it:`, `  ${missing.line}`] : ['Try it:']
    terminal.say([...steps, call].join('\n'))
    return 0
  },
})

const sourceOf = (name: string) => `import { defineTool } from 'antiphon'
import { z } from 'zod'

export default defineTool({
  name: '${name}',
  description: 'Returns text in capitals',
  // pure: safe to repeat, and may start before its message is on disk
  // · idempotent: safe to repeat · at-most-once: never repeated
  effect: 'pure',
  input: z.object({ text: z.string() }),
  output: z.object({ said: z.string() }),
  execute({ text }) {
    return { said: text.toUpperCase() }
  },
})
`
