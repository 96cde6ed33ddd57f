// Plain JavaScript that an old Node can read: it finds a Node that can run antiphon, then starts a module on it.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'
import { whyNoPnp, whyTooOld } from './node-version.js'

const LAUNCHER = 'ANTIPHON_LAUNCHER'
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const ownNode = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))

/** Runs `source` in a checkout, else `built`, on this Node or, when it is too old, on the checkout's own. */
export function launch(source, built) {
  const isCheckout = existsSync(source)
  if (whyTooOld() === undefined) start(isCheckout ? source : built, isCheckout)
  else if (existsSync(ownNode) && process.env[LAUNCHER] === undefined) startOnOwnNode(isCheckout)
  else refuse(isCheckout)
}

function start(module, isCheckout) {
  endWithLauncher()
  const whyPnp = whyNoPnp()
  if (whyPnp !== undefined) {
    console.error(whyPnp)
    process.exit(2)
  }
  // this question needs none of a thousand modules
  if (process.argv.length === 3 && ['--version', '-V'].includes(process.argv[2])) return tellVersion()
  // halves the time until a command starts; absent on Nodes that cannot
  if (nodeModule.enableCompileCache) nodeModule.enableCompileCache()
  nameItself(isCheckout)
  import(module.href)
}

function tellVersion() {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  process.stdout.write(`${version}\n`)
}

// Plugins import 'antiphon': that is the very copy that runs, wherever they lie, and not a second one. Where they have no zod of
// their own they get the one that is here.
function nameItself(isCheckout) {
  const ownUrl = ownUrls(isCheckout)
  const format = isCheckout ? 'module-typescript' : 'module'
  nodeModule.registerHooks({
    resolve(specifier, context, next) {
      const url = ownUrl(specifier, context.parentURL)
      if (url !== undefined) return { url, format, shortCircuit: true }
      try {
        return next(specifier, context)
      } catch (error) {
        if (specifier !== 'zod') throw error
        return next(specifier, { ...context, parentURL: import.meta.url })
      }
    },
  })
}

// A module of antiphon lies where another one says: to look for each of a thousand took a fifth of the time until a command starts.
function ownUrls(isCheckout) {
  const home = new URL(isCheckout ? '../src/' : '../dist/', import.meta.url)
  const urlOf = (entry) => new URL(isCheckout ? `${entry}.ts` : `${entry}.js`, home).href
  const own = {
    antiphon: urlOf('index'),
    'antiphon/extend': urlOf('extend'),
    'antiphon/testing': urlOf(`${isCheckout ? '../' : ''}trials/index`),
  }
  return (specifier, parent) => {
    if (Object.hasOwn(own, specifier)) return own[specifier]
    if (specifier.startsWith('.') && parent?.startsWith(home.href)) return new URL(specifier, parent).href
  }
}

// A launcher that was killed cannot pass that on; its channel closing says it.
function endWithLauncher() {
  if (process.env[LAUNCHER] === undefined) return
  delete process.env[LAUNCHER]
  if (!process.connected) process.exit(1)
  process.once('disconnect', () => process.exit(1))
  process.channel.unref()
}

function startOnOwnNode(isCheckout) {
  const child = spawn(ownNode, process.argv.slice(1), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: Object.assign({}, process.env, { [LAUNCHER]: String(process.pid) }),
  })
  // Ctrl-C reaches both: the child takes signals that come within a second as one.
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal))
  child.once('error', () => refuse(isCheckout))
  child.once('exit', endLike)
}

function endLike(code, signal) {
  if (signal === null) process.exit(code)
  for (const one of SIGNALS) process.removeAllListeners(one)
  process.kill(process.pid, signal)
}

function refuse(isCheckout) {
  const programs = 'Start your own programs with "npx node" in place of "node" from then on.'
  console.error(`${whyTooOld()}${isCheckout ? ` Or ${fetchOwn()}.` : ''} Then try again. ${programs}`)
  process.exit(2)
}

// An npm that runs no install scripts leaves the package of this Node there, without the Node.
function fetchOwn() {
  const isUnscripted = existsSync(new URL('../node_modules/node/package.json', import.meta.url))
  const command = isUnscripted ? 'npm rebuild node --ignore-scripts=false' : 'npm ci'
  return `run "${command}" in ${fileURLToPath(new URL('..', import.meta.url))}, which brings one along`
}
