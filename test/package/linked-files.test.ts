import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly files: readonly string[] }

test.each(['docs/deploy.md', 'docs/serving.md', 'examples/replicas/README.md'])(
  'the package has each file that %s links',
  (page) => {
    const links = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\(([^)\s#]+)/g)]
      .map(([, link]) => link!)
      .filter((link) => !/^[a-z]+:/.test(link))
      .map((link) => relative(ROOT, resolve(ROOT, dirname(page), link)))
    expect(links.length).toBeGreaterThan(1)
    const missing = links.filter((link) => !files.some((name) => link === name || link.startsWith(`${name}/`)))
    expect(missing).toEqual([])
  },
)
