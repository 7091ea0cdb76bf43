/** For trials: a Redis of their own on a free port of the loopback, which goes with their process. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { loadPeer } from './peers.js'

/** What is used of a client of the package `redis`. */
export interface RedisClient {
  connect(): Promise<unknown>
  destroy(): void
  get(key: string): Promise<string | null>
  incr(key: string): Promise<number>
  set(key: string, value: string, options?: { condition: 'NX'; expiration: { type: 'PX'; value: number } }): Promise<string | null>
  hGet(key: string, field: string): Promise<string | null>
  hSet(key: string, field: string, value: string): Promise<number>
  lPush(key: string, element: string): Promise<number>
  blPop(key: string, seconds: number): Promise<{ element: string } | null>
  scriptLoad(script: string): Promise<string>
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

// The shell reads until this process has ended, however it does, and takes the server with it. In a group of its own: Ctrl-C would end the
// shell before.
const PROGRAM = 'redis-server --port "$1" --bind 127.0.0.1 --save "" --appendonly no --dir "$2" </dev/null & read -r _; kill -9 $!; wait'

/** Starts a server that keeps nothing on disk, and gives its port. */
export async function startRedis(): Promise<number> {
  const port = await freePort()
  const child = spawn('sh', ['-c', PROGRAM, 'sh', String(port), tmpdir()], { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  let said = ''
  for await (const text of child.stdout.iterator({ destroyOnReturn: false })) {
    said += text
    if (said.includes('Ready to accept connections')) {
      child.stdout.resume()
      // Neither the server nor its pipes keep this process from ending.
      for (const each of [child, child.stdin, child.stdout]) (each as unknown as { unref(): void }).unref()
      return port
    }
  }
  throw new Error(`redis-server did not start: ${said}`)
}

/** A connection; whoever has it must end it. */
export async function connectRedis(port: number): Promise<RedisClient> {
  type Package = { createClient(options: object): RedisClient & { on(event: 'error', listener: (error: Error) => void): void } }
  const client = loadPeer<Package>('redis').createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: false } })
  client.on('error', (error) => {
    throw error
  })
  await client.connect()
  return client
}
