import type { Tool } from 'antiphon'
import type { Installed, PackageFacts } from '../../../examples/audit/facts.ts'
import tools from '../../../examples/audit/index.ts'
import type { Reported } from '../../../examples/audit/report.ts'
import { call, contextOf } from './fixture.ts'

const toolOf = (name: string): Tool => tools.find((tool) => tool.name === name)!

/** All of the audit's tools one after the other, as the pipeline calls them but without an engine. */
export async function auditFolder(where: { folder: string; root: string; out: string }): Promise<Reported> {
  const { folder, root, out } = where
  const context = contextOf(root, { roots: [root, out] })
  const use = (name: string, input: object) => call(toolOf(name), input, context)
  const results: PackageFacts[] = []
  for (const { path } of (await use('packages', { folder })) as Installed[]) {
    const [manifest, licence, disk] = await Promise.all(
      ['manifest', 'licence', 'disk'].map((name) => use(name, { folder, path })),
    )
    results.push({ manifest, licence, disk, compare: await use('compare', { manifest, licence }) })
  }
  return use('report', { results, duplicates: await use('duplicates', { results }), folder, out })
}
