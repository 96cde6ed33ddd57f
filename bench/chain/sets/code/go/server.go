package tilecache

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Fetcher gets a tile from the origin.
type Fetcher interface {
	Fetch(key string) ([]byte, error)
}

type Server struct {
	cache  *Cache
	origin Fetcher
}

func NewServer(origin Fetcher) *Server {
	return &Server{cache: NewCache(10 * time.Minute), origin: origin}
}

// ServeHTTP answers /z/x/y with the bytes of a tile.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, err := parseKey(r.URL.Path)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	data, err := s.tile(key)
	if err != nil {
		http.Error(w, "origin failed", http.StatusBadGateway)
		return
	}
	w.Write(data)
}

func (s *Server) tile(key string) ([]byte, error) {
	now := time.Now()
	if data, err := s.cache.Get(key, now); err == nil {
		return data, nil
	}
	data, err := s.origin.Fetch(key)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", key, err)
	}
	s.cache.Put(key, data, now)
	return data, nil
}

func parseKey(path string) (string, error) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if len(parts) != 3 {
		return "", fmt.Errorf("expected /z/x/y, got %s", path)
	}
	for _, part := range parts {
		if _, err := strconv.Atoi(part); err != nil {
			return "", fmt.Errorf("not a number: %s", part)
		}
	}
	return strings.Join(parts, "/"), nil
}
