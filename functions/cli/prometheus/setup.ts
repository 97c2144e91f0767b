/** What the printed files are about: this installation, and the tools that read it. */
export interface Setup {
  /** Origin of the installation, without a slash at the end. */
  url: string;
  /** `installation` of the configuration. */
  installation: string;
  /** File with the token for `/metrics`, as Prometheus sees it; undefined where metrics are public. */
  tokenFile: string | undefined;
  /** zako-watch itself notifies people, and not by an Alertmanager: then its own alerts must not page again. */
  notifiesItself: boolean;
  /** How often Prometheus scrapes, as it writes durations. */
  scrapeInterval: string;
  /** Base URLs of the tools. */
  prometheusUrl: string;
  alertmanagerUrl: string;
  /** Where Alertmanager and Grafana post what fires. */
  webhookUrl: string;
}

/** Receivers and jobs have one name in every file. */
export const nameOf = ({ installation }: Pick<Setup, "installation">): string => `zako-watch-${installation}`;

/** Below the folder of `prometheus.yml`. */
export const RULES_FILE = "zako-watch.rules.yml";
/** As Grafana's containers and packages have it. */
export const DASHBOARD_FOLDER = "/var/lib/grafana/dashboards/zako-watch";
/** The id of the data source; dashboards choose theirs by a variable. */
export const DATA_SOURCE_UID = "zako-watch-prometheus";
