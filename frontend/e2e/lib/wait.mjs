// Waiting for something to become true, with an end.

const PAUSE = 50;

/** Waits for milliseconds. */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until the answer is truthy and gives it; fails after `limit` milliseconds. */
export async function until(what, limit, ask) {
  const end = Date.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${limit} ms in vain until ${what}`);
    await sleep(PAUSE);
  }
}

/** Fails when a promise takes longer than `limit` milliseconds. */
export async function within(what, limit, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${limit} ms`)), limit);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
