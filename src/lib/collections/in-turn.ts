/** Runs the work of a key one after another, so that what was checked still holds. */
export function inTurn(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return (key, work) => {
    const running = (last.get(key) ?? Promise.resolve()).then(work, work)
    last.set(key, running)
    const done = () => void (last.get(key) === running && last.delete(key))
    running.then(done, done)
    return running
  }
}
