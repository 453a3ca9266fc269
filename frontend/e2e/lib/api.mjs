// The API as a program sees it, to prepare what a test needs and to check what it did.

export class Api {
  constructor(base, token) {
    this.base = base;
    this.token = token;
  }

  /** Signs in and gives the API of that person. */
  static async signIn(base, credentials) {
    const { access_token: token } = await new Api(base).post("/auth/login", credentials);
    return new Api(base, token);
  }

  get = (path) => this.#call("GET", path);
  post = (path, body = {}) => this.#call("POST", path, body);
  patch = (path, body, headers) => this.#call("PATCH", path, body, headers);

  /** The answer as it is. */
  raw(method, path, body, headers = {}) {
    const authorization = this.token ? { authorization: `Bearer ${this.token}` } : {};
    const json = body === undefined ? {} : { "content-type": "application/json" };
    return fetch(`${this.base}/api/v1${path}`, {
      method,
      headers: { ...json, ...authorization, "accept-language": "nl", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  async #call(method, path, body, headers) {
    const answer = await this.raw(method, path, body, headers);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }
}
