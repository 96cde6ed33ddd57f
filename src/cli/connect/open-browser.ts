import { spawn } from 'node:child_process'

const OPENERS: { readonly [platform: string]: readonly string[] } = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

/** Opens the address; without a browser the printed address is enough. */
export function openBrowser(url: string): void {
  const [program = 'xdg-open', ...words] = OPENERS[process.platform] ?? ['xdg-open']
  const opener = spawn(program, [...words, url], { stdio: 'ignore', detached: true })
  opener.on('error', () => {})
  opener.unref()
}
