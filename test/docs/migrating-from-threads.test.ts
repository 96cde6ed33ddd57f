import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const read = (path: string) => readFile(join(import.meta.dirname, '../..', path), 'utf8')
const PAGE = await read('docs/migrating-from-threads.md')
const LEFT = PAGE.split('\n').flatMap((line) => line.split(' | ')[0]?.match(/`[^`]+`/g) ?? [])

/** Its classes, and the methods that are not of Python itself. */
const NAMES = `
  MemoryTier MemoryConfig MemoryEntry MemoryManager _start_workers _read_worker _write_worker _maintenance_worker
  _transition_memories _optimize_cache _cleanup_expired get store get_metrics
  TaskType TaskPriority Task TaskResult ProcessingEngine _start_monitoring _worker_loop _monitor_loop _get_next_task
  _process_task _update_metrics _balance_load _adjust_worker_count submit_task get_result shutdown
  ActionPriority Action ActionResult ActionSystem _get_next_action _execute_action submit_action
  MessageType Message Orchestrator _process_message send_message get_response
  Environment _start_threads _health_check_loop _state_manager_loop _apply_state_update _record_state_history
  _cleanup_stale_state _snapshot_state update_state get_state ThreadPoolConfig compute_thread_counts`.trim()

test('the page has a row for each class and method', () => {
  const named = LEFT.flatMap((code) => code.match(/\w+/g) ?? [])
  expect(NAMES.split(/\s+/).filter((name) => !named.includes(name))).toEqual([])
})

test('each method that the page names for antiphon is one of its interface', async () => {
  const api = (await Promise.all(['api/antiphon.md', 'api/types.md', 'api/client.md'].map(read))).join('\n')
  const named = [...PAGE.matchAll(/`(?:\w+\.)?(?:memory|environments|runs|pool|app|run|engine)\.(\w+)\(/g)].map(
    ([, name]) => name!,
  )
  expect(named.length).toBeGreaterThan(15)
  expect([...new Set(named)].filter((name) => !new RegExp(`\\b${name}\\??[(:<]`).test(api))).toEqual([])
})
