import { Command } from 'commander'
import type { Branch } from '../../../runtime/ports/inspector.ts'
import { anyRef } from '../../arguments/ids.ts'
import { DATA_OPTION, examples } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { look } from '../../connect/reader.ts'
import type { Whereabouts } from '../../connect/target.ts'
import { printJson, printLines } from '../../render/print.ts'
import { mark } from '../../render/text.ts'
import { duration } from '../../terminal/format.ts'

type Options = Whereabouts & { readonly json?: boolean }

/** `tree [REF]`: who works for whom. */
export function treeCommand(cli: Cli): Command {
  return new Command('tree')
    .description('Draw which actor works for which. Runs have steps, threads have phases, supervisors have children.')
    .argument('[ref]', 'a run, a thread, or KIND/KEY of an actor (default: all with work or failures)')
    .option('--json', 'print it as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', examples('tree', 'tree run_3xJd0vQ', 'tree chain/main --json'))
    .action(async (ref: string | undefined, options: Options) => cli.exit(await tree(cli, ref, options)))
}

function tree(cli: Cli, ref: string | undefined, { json = false, ...where }: Options): Promise<number> {
  const { terminal } = cli
  return look(
    cli,
    { command: 'antiphon tree', ...where, ...(ref === undefined && { empty: () => show([]) }) },
    async ({ client }) => show(await client.inspector.tree(ref === undefined ? undefined : await anyRef(client, ref))),
  )

  function show(trees: readonly Branch[]): number {
    if (json) printJson(terminal, trees)
    else if (trees.length === 0) terminal.say('Nothing has work here. All actors: antiphon actors list')
    else
      printLines(
        terminal,
        trees.flatMap((branch) => drawBranch(branch, Date.now())),
      )
    return 0
  }

  function drawBranch(branch: Branch, now: number, indent = ''): readonly string[] {
    const { of, status, since, note, branches, more } = branch
    const facts = [
      status,
      ...(note === undefined ? [] : [note]),
      ...(since === undefined ? [] : [`for ${duration(Math.max(0, now - since))}`]),
    ]
    return [
      `${indent}${mark(status, terminal.outColors)} ${of}  ${facts.join(', ')}`,
      ...branches.flatMap((each) => drawBranch(each, now, `${indent}  `)),
      ...(more > 0 ? [`${indent}  … and ${more} more`] : []),
    ]
  }
}
