/** ShareableList: values of mixed types that processes share as one list of a fixed length. Answers the examples of ShareableList of reference 3. */
import assert from 'node:assert/strict'
import { attach, isMainProcess, Process, ShareableList } from 'sharedctypes'

/** Types may change. What does not fit the space that the item had at first is refused. */
function basics(): void {
  const a = new ShareableList(['howdy', Buffer.from('HoWdY'), -273.154, 100, null, true, 42])
  try {
    console.log(a)
    a[2] = -78.5
    assert.equal(a[2], -78.5)
    a[2] = 'dry ice'
    const enlarge = () => a.set(2, 'larger than previously allocated storage space')
    assert.throws(enlarge, { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' })
    assert.equal(a[2], 'dry ice')

    assert.equal(a.length, 7)
    assert.equal(a.index(42), 6)
    assert.throws(() => a.index(43), RangeError)
    assert.equal(a.count(Buffer.from('howdy')), 0)
    assert.equal(a.count(Buffer.from('HoWdY')), 1)
    assert.deepEqual([a[-1], a[-7]], [42, 'howdy'])
    assert.throws(() => a[-8], RangeError)
    console.log(a)
  } finally {
    a.close()
    a.unlink()
  }
}

export function changeLast(name: string): void {
  const c = new ShareableList(null, { name })
  console.log('the second process finds', [...c])
  c[-1] = -999
  c.close()
}

async function byName(): Promise<void> {
  const b = new ShareableList([0, 1, 2, 3, 4])
  try {
    const second = new Process(changeLast, [b.name]).start()
    await second.join()
    assert.equal(second.exitcode, 0)
    assert.equal(b[-1], -999)
    console.log('and leaves', [...b])
  } finally {
    b.close()
    b.unlink()
  }
}

/** What pickle does in Python. The copy of the handle leads to the same list, not to a copy of it. */
function byHandle(): void {
  const list = new ShareableList(Array(10).keys())
  try {
    const same = attach<ShareableList>(JSON.stringify(list))
    list[0] = -1
    same[1] = -2
    assert.deepEqual([...list], [-1, -2, 2, 3, 4, 5, 6, 7, 8, 9])
    assert.deepEqual([...same], [...list])
    console.log('through JSON', [...same])
    same.close()
  } finally {
    list.close()
    list.unlink()
  }
}

/** Python gives '?' and b'\x03\x02\x01' here, and asks to pad them. */
function endingInNul(): void {
  const list = new ShareableList(['?\0', Buffer.from([3, 2, 1, 0, 0, 0])])
  try {
    assert.equal(list[0], '?\0')
    assert.deepEqual(list[1], Buffer.from([3, 2, 1, 0, 0, 0]))
    console.log('ending in NUL', [...list])
  } finally {
    list.close()
    list.unlink()
  }
}

if (isMainProcess) {
  basics()
  await byName()
  byHandle()
  endingInNul()
}
