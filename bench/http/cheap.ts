export { measureCheap as measure } from './requests.ts'
