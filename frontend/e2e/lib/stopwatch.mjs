// A stopwatch for the way of a person: what the machine takes is measured, what the person takes is calculated by the
// keystroke-level model (Card, Moran, Newell 1980): every act is thought about, pointed at and pressed.

/** Seconds: to think of the next act, to point, to press, to type a character (an average typist), to change hands. */
const MODEL = { think: 1.35, point: 1.1, press: 0.2, type: 0.28, hands: 0.4 };

export class Person {
  constructor(page) {
    Object.assign(this, { page, clicks: 0, keys: 0, thinking: 0, started: Date.now() });
  }

  /** Clicks something. */
  async click(target) {
    this.clicks += 1;
    this.thinking += MODEL.think + MODEL.point + MODEL.press;
    await target.click();
  }

  /** Types into the field that has the focus, character by character. */
  async type(text) {
    this.keys += text.length;
    this.thinking += MODEL.think + MODEL.hands + text.length * MODEL.type;
    await this.page.keyboard.type(text);
  }

  /** Presses one key or a combination. */
  async press(keys) {
    this.keys += 1;
    this.thinking += MODEL.type;
    await this.page.keyboard.press(keys);
  }

  /** Reads a text of so many words, at a slow 180 words a minute. */
  read(text) {
    this.thinking += (text.split(/\s+/).length / 180) * 60;
  }

  /** Seconds that the machine took. */
  get machine() {
    return (Date.now() - this.started) / 1_000;
  }

  /** Seconds of person and machine together. */
  get seconds() {
    return this.machine + this.thinking;
  }

  report() {
    return `${this.clicks} clicks, ${this.keys} keys; machine ${this.machine.toFixed(1)} s + person ${this.thinking.toFixed(0)} s = ${this.seconds.toFixed(0)} s`;
  }
}
