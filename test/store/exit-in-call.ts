import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import Libsql from 'libsql'
import { callUnbroken, openStopFlags } from '../../src/store/unbroken-call.ts'

// ends this process with code 0 while a thread calls libSQL again and again

if (isMainThread) {
  const { stopFlags } = openStopFlags()
  const thread = new Worker(new URL(import.meta.url), { workerData: { stopFlags, path: process.argv[2] } })
  thread.once('message', () => setTimeout(() => process.exit(0), Math.random() * 5))
} else {
  const database = callUnbroken(() => new Libsql(workerData.path))
  parentPort?.postMessage('ready')
  const calls = () => {
    for (let n = 0; n < 2_000; n++) database.prepare('select 1').all([])
  }
  for (;;) callUnbroken(calls)
}
