import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { defineConfig } from 'vitepress'
import { menuOf } from '../menu.mts'

// The pages of `docs/` as a static site. It stands outside of `npm ci`: npm i --prefix site && npm run build --prefix site

const ROOT = join(import.meta.dirname, '../..')
const { repository } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const address: string | undefined = repository?.url?.replace(/^git\+|\.git$/g, '') ?? repository

/** Where a link out of `docs/` leads: to the repository if it has an address. Else its text stays, without a link. */
function linkOut(page: string, href: string): string | undefined {
  const path = posix.join('docs', posix.dirname(page), href)
  // decisions are no pages of the site
  if (path.startsWith('docs/') && !path.startsWith('docs/adr/')) return href.replace(/(^|\/)README\.md/, '$1index.md')
  return address && `${address}/blob/main/${path}`
}

export default defineConfig({
  title: 'antiphon',
  description: 'A durable runtime for agents, workflows and pipelines in TypeScript.',
  lang: 'en',
  srcDir: '../docs',
  outDir: './out',
  cacheDir: './node_modules/.cache',
  // the label of a block of code is too pale to read
  head: [['style', {}, ".vp-doc [class*='language-'] > span.lang { color: var(--vp-c-text-1) }"]],
  // decisions are for contributors
  srcExclude: ['adr/**'],
  rewrites: { 'README.md': 'index.md' },
  cleanUrls: true,
  // the pages show templates of antiphon, which begin with {{
  vue: { template: { compilerOptions: { delimiters: ['<%vue', 'vue%>'] } } },
  // the pages lie outside of this folder, where nothing finds its packages
  vite: { resolve: { alias: { vue: join(import.meta.dirname, '../node_modules/vue') } } },
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config(md) {
      md.core.ruler.push('links', ({ tokens, env }) => {
        for (const token of tokens.flatMap((one) => [one, ...(one.children ?? [])])) mend(token, env.relativePath)
      })
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: menuOf(readFileSync(join(ROOT, 'docs/README.md'), 'utf8')),
  },
})

type Token = { readonly type: string; attrs: [string, string][] | null; content: string }

function mend(token: Token, page: string): void {
  // the bundler takes a path without a dot for the name of a package
  if (token.type.startsWith('html_')) token.content = token.content.replace(/\b(src|srcset)="(?=pictures)/g, '$1="./')
  const href = token.attrs?.find(([name]) => name === 'href')
  if (token.type !== 'link_open' || !href || /^(?:[a-z]+:|#)/.test(href[1])) return
  const to = linkOut(page, href[1])
  if (to === undefined) token.attrs = null
  else href[1] = to
}
