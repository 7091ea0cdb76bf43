/**
 * A worker thread in each process of a race: ends the process when its parent is gone. The main thread can't see to it, which spins or blocks.
 * The parent holds the other end of a pipe, and never writes.
 */
import { Socket } from 'node:net'
import { workerData } from 'node:worker_threads'

const line = new Socket({ fd: workerData as number, readable: true, writable: false })
line.once('close', () => process.kill(process.pid, 'SIGKILL'))
line.on('error', () => {}) // 'close' follows
line.resume()
